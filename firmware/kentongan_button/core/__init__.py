"""Press, supervision, delivery and indicator: decisions without I/O."""
