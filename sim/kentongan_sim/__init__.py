"""The city in a box: fake hardware, lossy networks, the demo."""
