// The little of a browser's page that the console's state needs, and a centre that answers as it is told: import it first.

export type Answer = { readonly status?: number; readonly body?: unknown };

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly csrf: string | null;
}

/** What was asked of the centre, and who answers. */
export const centre: { asked: Asked[]; answer: (asked: Asked) => Answer | Promise<Answer> } = {
  asked: [],
  answer: () => ({ status: 500 }),
};

const kept = new Map<string, string>();
const heard: (() => void)[] = [];

/** Says to the page that another tab came in. */
export function otherTabCameIn(): void {
  for (const listener of heard) listener();
}

/** How often this page told others that it came in. */
export const told = { times: 0 };

class Channel {
  set onmessage(listener: () => void) {
    heard.push(listener);
  }

  postMessage(): void {
    told.times += 1;
  }
}

const everyMs = globalThis.setInterval;

Object.assign(globalThis, {
  addEventListener: () => {},
  BroadcastChannel: Channel,
  document: { visibilityState: "visible", addEventListener: () => {}, querySelector: () => null, body: { dataset: {} }, documentElement: { lang: "", dataset: {} } },
  location: { hash: "#/queue", origin: "http://centre.test" },
  sessionStorage: { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value), removeItem: (key: string) => kept.delete(key) },
  // A timer of the page must not keep the test's process alive.
  setInterval: (...rest: Parameters<typeof setInterval>) => {
    const timer: unknown = everyMs(...rest);
    (timer as { unref: () => void }).unref();
    return timer;
  },
  fetch: async (path: string, { method = "GET", headers = {} }: RequestInit = {}): Promise<Response> => {
    const asked: Asked = { method, path, csrf: (headers as Record<string, string>)["X-CSRF-Token"] ?? null };
    centre.asked.push(asked);
    const { status = 200, body } = await centre.answer(asked);
    return new Response(body === undefined ? null : JSON.stringify(body), { status });
  },
});

/** Until what was begun has come to its end. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((done) => setTimeout(done, 0));
}
