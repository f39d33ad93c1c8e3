"""What is paid for outcomes: rules, caps, and who pays."""
