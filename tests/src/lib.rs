//! Tests of the whole mesh. There is nothing here to import: the tests are in `mesh/`, faulty parts in `faults/`,
//! other languages in `interop/`.
