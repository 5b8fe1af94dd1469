"""The deterministic simulator: the real cores in one process under a virtual clock and seeded faults.

Everything that happens follows from one seed: time is a number, the network a heap of deliveries,
disks are memory that forgets what was not synced. The oracle keeps its own ledger of what hands did
and reads the tables itself; `docs/simulator.md` tells what it holds the cores to.
"""
