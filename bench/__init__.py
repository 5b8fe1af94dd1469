"""What was measured, on which machine, on which day: `make bench` writes bench/results/."""
