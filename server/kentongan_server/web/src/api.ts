// Requests to the centre. Every refusal becomes an `ApiError` that says what happened.

import type { CentreState, Device, Incident, IncidentWithTimeline, Listing, MapFile, Rejection, Session, SiteRow, Trouble } from "./model/types.ts";
import type { Outcome } from "./model/outcome.ts";

/** Bounds one request: the centre answers in milliseconds, and an operator must not wait for nothing. */
const REQUEST_LIMIT_MS = 8_000;

/** Bounds a report: over a million cases it takes most of a minute, and others may be before it. */
const REPORT_LIMIT_MS = 120_000;

/** Bounds a picture's way to the centre: 2 MB over a slow line of 256 kbit/s. */
const FILE_LIMIT_MS = 60_000;

/** `status` is HTTP's, 0 when the centre did not answer; `code` is the centre's word for the refusal. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export class Api {
  private csrf = "";
  private name = "";

  async login(name: string, password: string): Promise<Session> {
    return this.adopt(await this.send<Session>("/api/login", { name, password }));
  }

  async logout(): Promise<void> {
    await this.send("/api/logout", {});
    this.csrf = "";
    this.name = "";
  }

  /** The session that the browser's cookie stands for; raises 401 without one. */
  async me(): Promise<Session> {
    return this.adopt(await this.get<Session>("/api/me"));
  }

  /** `which`: of the closed ones only; `before`, `site`, `from_ms`, `to_ms`. */
  incidents(state: "open" | "closed", which: Readonly<Record<string, string>> = {}): Promise<Listing<"incidents", Incident>> {
    return this.get(`/api/incidents?${new URLSearchParams({ state, ...which })}`);
  }

  incident(id: number): Promise<IncidentWithTimeline> {
    return this.get(`/api/incidents/${id}`);
  }

  /** Answers what rang at the `version` that was seen. */
  acknowledge(id: number, version: number): Promise<IncidentWithTimeline> {
    return this.act(id, "acknowledge", { version });
  }

  close(id: number, version: number, outcome: Outcome, cause: string, note: string): Promise<IncidentWithTimeline> {
    return this.act(id, "close", { version, outcome, cause, note });
  }

  /** Anything else that is done to an incident: docs/operators-centre.md, "HTTP". */
  act<Answer = IncidentWithTimeline>(id: number, name: string, body: object): Promise<Answer> {
    return this.send(`/api/incidents/${id}/${name}`, body);
  }

  troubles(): Promise<Listing<"troubles", Trouble>> {
    return this.get("/api/troubles");
  }

  /** Makes the trouble one's own; 409 when it is another's, unless `over`. */
  take(id: number, over: boolean): Promise<Trouble> {
    return this.send(`/api/troubles/${id}/take`, over ? { over } : {});
  }

  sites(): Promise<{ readonly sites: readonly SiteRow[] }> {
    return this.get("/api/sites");
  }

  map(): Promise<MapFile> {
    return this.get("/api/map");
  }

  centre(): Promise<CentreState> {
    return this.get("/api/centre");
  }

  rejections(): Promise<Listing<"rejections", Rejection>> {
    return this.get("/api/rejections");
  }

  devices(): Promise<Listing<"devices", Device>> {
    return this.get("/api/devices");
  }

  async reportNow(device: string): Promise<void> {
    await this.send(`/api/devices/${encodeURIComponent(device)}/report-now`, {});
  }

  /** A report, by its name and its question. */
  report<Answer>(path: string): Promise<Answer> {
    return request(`/api/reports/${path}`, { headers: { Accept: "application/json" } }, REPORT_LIMIT_MS);
  }

  /** Any list or thing of the register and of people: docs/operators-centre.md, "HTTP". */
  look<Answer>(path: string): Promise<Answer> {
    return this.get(`/api/${path}`);
  }

  /** Changes it; a file goes as it is. */
  change<Answer = void>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body: object | File = {}): Promise<Answer> {
    return body instanceof File ? this.sendFile(method, `/api/${path}`, body) : this.send(`/api/${path}`, body, method);
  }

  /** A session that began in another way than by a password. */
  adopt(session: Session): Session {
    this.csrf = session.csrf;
    this.name = session.name;
    return session;
  }

  private get<Answer>(path: string): Promise<Answer> {
    return request(path, { headers: { Accept: "application/json" } });
  }

  private send<Answer>(path: string, body: object, method = "POST"): Promise<Answer> {
    return this.once(() => request(path, { method, headers: this.headers("application/json"), body: JSON.stringify(body) }));
  }

  private sendFile<Answer>(method: string, path: string, file: File): Promise<Answer> {
    return this.once(() => request(path, { method, headers: this.headers("application/octet-stream"), body: file }, FILE_LIMIT_MS));
  }

  /**
   * A log-in in another tab gave the browser another session, and the centre refused the change unmade: it is sent
   * once more when the same person came in there, and never in another's name.
   */
  private async once<Answer>(change: () => Promise<Answer>): Promise<Answer> {
    try {
      return await change();
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "csrf") throw error;
    }
    const session = await this.get<Session>("/api/me");
    if (session.name !== this.name) throw new ApiError(401, "login-required", "somebody else came in in another tab");
    this.adopt(session);
    return change();
  }

  private headers(type: string): Record<string, string> {
    const headers: Record<string, string> = { Accept: "application/json", "Content-Type": type };
    if (this.csrf !== "") headers["X-CSRF-Token"] = this.csrf;
    return headers;
  }
}

async function request<Answer>(path: string, init: RequestInit, limitMs = REQUEST_LIMIT_MS): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, cache: "no-store", signal: AbortSignal.timeout(limitMs) });
  } catch (error) {
    throw new ApiError(0, "unreachable", String(error));
  }
  if (!response.ok) throw await refusal(response);
  const text = await response.text();
  return (text === "" ? undefined : JSON.parse(text)) as Answer;
}

async function refusal(response: Response): Promise<ApiError> {
  const fallback = new ApiError(response.status, `http-${response.status}`, response.statusText);
  try {
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    return new ApiError(response.status, error.code, error.message);
  } catch {
    return fallback;
  }
}
