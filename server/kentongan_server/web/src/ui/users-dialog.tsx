import { useState } from "preact/hooks";
import { sayAccount } from "../i18n/account.ts";
import { word } from "../i18n/index.ts";
import { sayUsers } from "../i18n/users.ts";
import { ROLES, type Added, type Agency, type User } from "../model/register.ts";
import type { SiteRow } from "../model/types.ts";
import { SessionList } from "./account-sessions.tsx";
import { useConsole } from "./context.ts";
import { Dialog } from "./dialog.tsx";
import { Fault, useDoing, withFields, type Doing } from "./account-parts.tsx";

/** The centre's bounds: application/users.py. */
const NAME_MOST = 64;
const FULL_NAME_MOST = 200;
/** What these roles are bound to: domain/roles.py. */
const NEEDS_AGENCY: ReadonlySet<string> = new Set(["agency-desk", "unit"]);
const NEEDS_SITES: ReadonlySet<string> = new Set(["partner"]);

interface Props {
  /** Null for somebody new. */
  readonly user: User | null;
  readonly agencies: readonly Agency[];
  readonly sites: readonly SiteRow[];
  /** With what was made, when that has a password to be shown. */
  readonly close: (added: Added | null) => void;
}

export function UserDialog(props: Props) {
  const { user, close } = props;
  const words = sayUsers();
  const title = user === null ? words.addTitle : words.changeThat(user.name);
  const doing = useDoing();
  return (
    <Dialog label={title} close={() => close(null)}>
      <h2 class="dialog__title">{title}</h2>
      <UserForm {...props} doing={doing} />
      {user !== null && <More user={user} doing={doing} close={close} />}
    </Dialog>
  );
}

function UserForm({ user, agencies, sites, close, doing }: Props & { readonly doing: Doing }) {
  const words = sayUsers();
  const [role, setRole] = useState(user?.role ?? "operator");
  const save = useSaving(user, close, doing);
  const submit = withFields((field, form) => {
    const chosen = new FormData(form).getAll("site").map(String);
    const bound = { agency: NEEDS_AGENCY.has(role) ? field("agency") : null, sites: NEEDS_SITES.has(role) ? chosen : [] };
    save({ name: field("name"), email: field("email"), full_name: field("full_name"), role, ...bound });
  });
  return (
    <form class="form manage__form" onSubmit={submit}>
      {user === null && <NameField />}
      <label class="field">
        <span class="field__label">{words.fullName}</span>
        <input name="full_name" maxLength={FULL_NAME_MOST} autocomplete="off" defaultValue={user?.full_name ?? ""} />
      </label>
      <RoleField role={role} choose={setRole} />
      {NEEDS_AGENCY.has(role) && <AgencyField agencies={agencies} chosen={user?.agency ?? null} />}
      {NEEDS_SITES.has(role) && <SiteFields sites={sites} chosen={user?.sites ?? []} />}
      {user !== null && <EmailField email={user.email ?? ""} />}
      <Fault of={doing} />
      {user !== null && <p class="field__hint">{words.endsSessions}</p>}
      <div class="dialog__actions">
        <button type="button" class="button" onClick={() => close(null)}>
          {words.cancel}
        </button>
        <button type="submit" class="button button--primary" disabled={doing.busy}>
          {user === null ? words.add : words.save}
        </button>
      </div>
    </form>
  );
}

/** Adds the person, or changes them: the name is for whoever is new, the address for whoever is there. */
function useSaving(user: User | null, close: Props["close"], doing: Doing): (filled: Wanted & { readonly name: string }) => void {
  const { api, notices } = useConsole();
  const words = sayUsers();
  return ({ name, email, ...wanted }) =>
    void doing.run(async () => {
      if (user === null) {
        const added = await api.change<Added>("POST", "users", { name, ...wanted });
        notices.good(words.added(added.user.name));
        close(added);
      } else {
        await api.change("PATCH", `users/${user.id}`, changesOf(user, { ...wanted, email }));
        notices.good(words.saved(user.name));
        close(null);
      }
    });
}

function NameField() {
  const words = sayUsers();
  return (
    <label class="field">
      <span class="field__label">{words.name}</span>
      <input name="name" required maxLength={NAME_MOST} autocomplete="off" autocapitalize="none" spellcheck={false} aria-describedby="user-hint" />
      <span id="user-hint" class="field__hint">
        {words.nameHint}
      </span>
    </label>
  );
}

function RoleField({ role, choose }: { readonly role: string; readonly choose: (role: string) => void }) {
  return (
    <label class="field">
      <span class="field__label">{sayUsers().role}</span>
      <select name="role" value={role} onChange={(event) => choose(event.currentTarget.value)}>
        {ROLES.map((one) => (
          <option key={one} value={one}>
            {word(sayAccount().roles, one)}
          </option>
        ))}
      </select>
    </label>
  );
}

function EmailField({ email }: { readonly email: string }) {
  const words = sayUsers();
  return (
    <label class="field">
      <span class="field__label">{words.email}</span>
      <input name="email" type="email" maxLength={FULL_NAME_MOST} autocomplete="off" defaultValue={email} aria-describedby="email-hint" />
      <span id="email-hint" class="field__hint">
        {words.emailHint}
      </span>
    </label>
  );
}

interface Wanted {
  readonly role: string;
  readonly full_name: string;
  readonly email: string;
  readonly agency: string | null;
  readonly sites: readonly string[];
}

/** Only what is another: a role that is told again would end the person's sessions for nothing. */
function changesOf(user: User, wanted: Wanted): object {
  const changes: Record<string, unknown> = {};
  if (wanted.full_name !== user.full_name) changes["full_name"] = wanted.full_name;
  if (wanted.email !== (user.email ?? "")) changes["email"] = wanted.email;
  if (wanted.role !== user.role) changes["role"] = wanted.role;
  if (wanted.agency !== null && wanted.agency !== user.agency) changes["agency"] = wanted.agency;
  if ([...wanted.sites].sort().join(" ") !== [...user.sites].sort().join(" ")) changes["sites"] = wanted.sites;
  return changes;
}

function AgencyField({ agencies, chosen }: { readonly agencies: readonly Agency[]; readonly chosen: string | null }) {
  const words = sayUsers();
  if (agencies.length === 0) return <p class="message message--quiet">{words.noAgencies}</p>;
  return (
    <label class="field">
      <span class="field__label">{words.agency}</span>
      <select name="agency" required defaultValue={chosen ?? ""}>
        {chosen === null && <option value="">{words.noAgency}</option>}
        {agencies.map((agency) => (
          <option key={agency.code} value={agency.code} selected={agency.code === chosen}>
            {agency.name}
          </option>
        ))}
      </select>
    </label>
  );
}

function SiteFields({ sites, chosen }: { readonly sites: readonly SiteRow[]; readonly chosen: readonly string[] }) {
  const words = sayUsers();
  return (
    <fieldset class="choices">
      <legend class="field__label">{words.sites}</legend>
      {sites.length === 0 && <p class="message message--quiet">{words.noSites}</p>}
      <div class="choices__list choices__list--long">
        {sites.map((site) => (
          <label key={site.code} class="choices__one">
            <input type="checkbox" name="site" value={site.code} defaultChecked={chosen.includes(site.code)} />
            <span>{site.name}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** What is asked twice, and the person's sessions. */
function More({ user, doing, close }: { readonly user: User; readonly doing: Doing; readonly close: (added: Added | null) => void }) {
  const { api, notices } = useConsole();
  const words = sayUsers();
  const off = user.disabled_at_ms !== null;
  const reset = (): Promise<boolean> => doing.run(async () => close(await api.change<Added>("POST", `users/${user.id}/reset`)));
  const turn = (disabled: boolean): Promise<boolean> =>
    doing.run(async () => {
      await api.change("PATCH", `users/${user.id}`, { disabled });
      notices.good((disabled ? words.disabled : words.enabled)(user.name));
      close(null);
    });
  return (
    <div class="manage__more">
      <Twice open={words.reset} ask={words.resetAsk(user.name)} sure={words.resetDo} busy={doing.busy} run={reset} />
      {off ? (
        <button type="button" class="button" disabled={doing.busy} onClick={() => void turn(false)}>
          {words.enable}
        </button>
      ) : (
        <Twice open={words.disable} ask={words.disableAsk(user.name)} sure={words.disableDo} busy={doing.busy} run={() => turn(true)} />
      )}
      <details class="folded">
        <summary>{words.sessions}</summary>
        <SessionList path={`users/${user.id}/sessions`} />
      </details>
    </div>
  );
}

interface TwiceProps {
  readonly open: string;
  readonly ask: string;
  readonly sure: string;
  readonly busy: boolean;
  readonly run: () => Promise<boolean>;
}

function Twice({ open, ask, sure, busy, run }: TwiceProps) {
  const [asking, setAsking] = useState(false);
  const words = sayUsers();
  if (!asking) {
    return (
      <button type="button" class="button" onClick={() => setAsking(true)}>
        {open}
      </button>
    );
  }
  return (
    <div class="manage__ask" role="group" aria-label={open}>
      <p>{ask}</p>
      <button type="button" class="button button--primary" disabled={busy} autofocus onClick={() => void run()}>
        {sure}
      </button>{" "}
      <button type="button" class="button" onClick={() => setAsking(false)}>
        {words.cancel}
      </button>
    </div>
  );
}
