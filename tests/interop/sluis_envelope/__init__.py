"""The envelope, written from docs/envelope.md alone. Section numbers in the docstrings (§) are that page's.

It exists to show that the page is complete and that two programs that never saw each other agree on every byte. It is
no library: it wipes no secrets and is not constant in time.
"""
