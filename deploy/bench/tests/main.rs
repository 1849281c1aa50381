//! That everything which is measured runs. What comes out of so few operations means nothing.

use sluis_bench::{Figure, Options, PostOptions, run, run_posts};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_measured_once() {
    let options = Options {
        postgres: None,
        clients: vec![1, 2],
        repetitions: 1,
        many: 8,
        quick: true,
        haproxy: false,
        profile: false,
        directory: None,
    };
    let reports = Box::pin(run(&options, &|_| ())).await.expect("a result");
    let [report] = reports.as_slice() else {
        panic!("SQLite only: {reports:?}")
    };
    for figure in [
        Figure::EchoRate,
        Figure::HostEchoP50,
        Figure::GatewayEchoP50,
        Figure::CommitRate,
        Figure::Fdatasync,
        Figure::CryptoRate,
        Figure::ActRate,
        Figure::SendP50,
        Figure::DeliverRate,
        Figure::WholeRate,
    ] {
        for clients in [1, 2] {
            let measured = report
                .figures
                .iter()
                .find(|it| it.figure == figure && it.clients == clients);
            let measured = measured.unwrap_or_else(|| panic!("{figure:?} at {clients} clients"));
            assert!(measured.spread.median > 0.0, "{measured:?}");
        }
    }
    let send = report
        .ratios
        .iter()
        .find(|ratio| ratio.name.starts_with("send p50"))
        .expect("the ratio of a send");
    assert!(send.target.is_some() && send.reached.is_some());
    let stored = report
        .ratios
        .iter()
        .find(|ratio| ratio.name.starts_with("cost with many"))
        .expect("the ratio of size");
    assert!(stored.spread.min > 0.0);
    assert_eq!(report.stages.len(), 6);
}

#[tokio::test]
async fn no_repetitions_and_no_clients_are_refused() {
    for (clients, repetitions) in [(vec![1], 0), (vec![], 1), (vec![0], 1)] {
        let options = Options {
            postgres: None,
            clients,
            repetitions,
            many: 1,
            quick: true,
            haproxy: false,
            profile: false,
            directory: None,
        };
        assert!(Box::pin(run(&options, &|_| ())).await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn posts_are_measured_once() {
    let options = PostOptions {
        postgres: None,
        rounds: 2,
        few: 10,
        many: 200,
        repetitions: 1,
        each: 2,
        directory: None,
    };
    let reports = Box::pin(run_posts(&options, &|_| ())).await.expect("a result");
    let [report] = reports.as_slice() else {
        panic!("SQLite only: {reports:?}")
    };
    assert_eq!(report.at_threshold.each, 2);
    // Answers are held for a tenth of a second, whatever is met.
    for compared in [&report.below, &report.at_threshold] {
        assert!(
            compared.medians.iter().all(|median| *median >= 100.0),
            "{compared:?}"
        );
    }
    assert!(report.at_threshold_unheld.medians[0] > 0.0 && report.cost.median > 0.0);
    assert!(report.to_string().contains("200 live posts"));
    let none = PostOptions { rounds: 0, ..options };
    assert!(Box::pin(run_posts(&none, &|_| ())).await.is_err());
}
