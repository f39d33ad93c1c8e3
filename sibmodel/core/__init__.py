"""Words that every chapter speaks: time, quantities, trials, schedules, flows and the ledger."""
