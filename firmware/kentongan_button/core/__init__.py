"""Press, supervision, delivery and indicator: decisions without I/O.

How the application puts them together, with `now_ms` as uptime (never wraps, never goes back):

- at the start: `delivery = Delivery(device, boot_id, store.load_journal())`, `detector =
  PressDetector(contacts, delivery.latched)`, and when latched
  `indicator.follow(delivery.newest_press, now_ms, level, revision)`.
- every `SAMPLE_MS`: `detector.sample(…)`. PRESS: take a sequence, draw a nonce, `delivery.offer`, write
  the journal (ADR 10), `indicator.follow(delivery.newest_press, now_ms)`, wake the sender. REPEAT:
  `delivery.repeat`, and when it returns False the same as PRESS. RESET: `delivery.reset_latch`,
  `indicator.follow(None, now_ms)`.
- the sender: while connected, `delivery.next_send` until it gives None, then wait for
  `next_deadline()` or a wake; then write the journal when `next_save_ms` is due and say `saved`.
  Sending again never waits for flash, and no failed write holds back a press.
- a receipt (MAC checked): `delivery.handle_receipt`; when applied, `indicator.handle_receipt`;
  `clock.observe(centre_ms, now_ms)`; on RECEIPT_OTHER_INCARNATION `heartbeats.ask()`.
- a heartbeat answer (MAC checked): `heartbeats.answered`; unless it is None `clock.observe` with the
  round trip, `delivery.heard_answer`, `delivery.learn_incarnation`; when that is True,
  `indicator.follow(delivery.newest_press …)` again, while latched, and wake the sender.
- state bits: `detector.flags | delivery.flags`, BUTTON_FLASH_FAULT when `store.fault`,
  BUTTON_CLOCK_UNSET, and what the board knows of its supply.
"""
