//! What whoever guesses can learn.

use std::time::{Duration, Instant};

use tests::{Client, on_both, server::ADMIN};

use super::support::by_password;

/// How long the server takes to refuse.
fn refused_in(client: &Client, email: &str) -> Duration {
    let began = Instant::now();
    by_password(client, email, "not the password");
    began.elapsed()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64()
}

/// The median time for an unknown address, divided by that for a wrong password.
fn ratio(client: &Client) -> f64 {
    let (mut unknown, mut wrong) = (Vec::new(), Vec::new());
    // One after the other, so that whatever else the machine does hits both alike.
    for _ in 0..24 {
        unknown.push(refused_in(client, "nobody@vendor.example"));
        wrong.push(refused_in(client, ADMIN.0));
    }
    median(unknown) / median(wrong)
}

on_both! {
    fn an_unknown_address_and_a_wrong_password_take_the_same_time(server: Server) {
        let client = server.client();
        // The first of each pays for what is prepared once.
        refused_in(&client, "nobody@vendor.example");
        refused_in(&client, ADMIN.0);
        // A machine that is busy with other things can disturb one measurement; what a guesser could use, shows in all.
        let ratios: Vec<f64> = (0..3).map(|_| ratio(&client)).take_while(|ratio| !(0.7..1.4).contains(ratio)).collect();
        assert!(ratios.len() < 3, "an unknown address takes {ratios:?} times as long as a wrong password");
    }
}
