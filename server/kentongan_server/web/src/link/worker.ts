// The SharedWorker: one stream for all tabs of a browser. Six streams over HTTP/1.1 would use up
// the browser's connections to the centre, and the acknowledge would wait behind them.

import { Hub, type Deliver } from "./hub.ts";
import type { FromPage } from "./messages.ts";

const hub = new Hub();

addEventListener("connect", (event) => {
  const port = (event as MessageEvent).ports[0];
  if (!port) return;
  const deliver: Deliver = (message) => port.postMessage(message);
  port.onmessage = ({ data }: MessageEvent<FromPage>) => hub.take(data, deliver);
});
