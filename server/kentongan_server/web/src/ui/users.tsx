import { useCallback, useState } from "preact/hooks";
import { sayAccount } from "../i18n/account.ts";
import { word } from "../i18n/index.ts";
import { sayUsers } from "../i18n/users.ts";
import type { Added, Agency, User } from "../model/register.ts";
import type { SiteRow } from "../model/types.ts";
import { useConsole } from "./context.ts";
import { Dialog } from "./dialog.tsx";
import { ListPage, ListState, Table, useLoading } from "./page.tsx";
import { UserDialog } from "./users-dialog.tsx";

interface Found {
  readonly users: readonly User[];
  readonly agencies: readonly Agency[];
  readonly sites: readonly SiteRow[];
}

const NOBODY: Found = { users: [], agencies: [], sites: [] };

/** Everybody who may come in; adding, changing, taking out. */
export function UsersPage() {
  const { api } = useConsole();
  const words = sayUsers();
  const [found, setFound] = useState(NOBODY);
  const [open, setOpen] = useState<User | "new" | null>(null);
  const [once, setOnce] = useState<Added | null>(null);
  const load = useCallback(async () => {
    const [{ users }, { agencies }, { sites }] = await Promise.all([
      api.look<Pick<Found, "users">>("users"),
      api.look<Pick<Found, "agencies">>("agencies"),
      api.sites(),
    ]);
    setFound({ users, agencies, sites });
  }, [api]);
  const loading = useLoading(load);
  const closed = (added: Added | null): void => {
    setOpen(null);
    setOnce(added);
    loading.again();
  };
  return (
    <ListPage heading={words.heading} advice={words.advice}>
      <div class="manage manage--bar">
        <button type="button" class="button button--primary" onClick={() => setOpen("new")}>
          {words.add}
        </button>
      </div>
      <ListState loading={loading} empty={words.empty} size={found.users.length} />
      {found.users.length > 0 && (
        <Table label={words.heading} columns={[words.columns.name, words.columns.role, words.columns.bound, words.columns.state, words.columns.action]}>
          {found.users.map((user) => (
            <Row key={user.id} user={user} found={found} open={() => setOpen(user)} />
          ))}
        </Table>
      )}
      {open !== null && <UserDialog user={open === "new" ? null : open} agencies={found.agencies} sites={found.sites} close={closed} />}
      {once !== null && <OnceDialog added={once} close={() => setOnce(null)} />}
    </ListPage>
  );
}

function Row({ user, found, open }: { readonly user: User; readonly found: Found; readonly open: () => void }) {
  const words = sayUsers();
  const agency = found.agencies.find((one) => one.code === user.agency)?.name ?? user.agency;
  const sites = user.sites.map((code) => found.sites.find((site) => site.code === code)?.name ?? code);
  return (
    <tr data-user={user.name}>
      <td class="manage__name">
        {user.name} {user.full_name !== "" && <span class="manage__also">{user.full_name}</span>}
      </td>
      <td>{word(sayAccount().roles, user.role)}</td>
      <td>{[agency, ...sites].filter(Boolean).join(", ")}</td>
      <td>
        <State user={user} />
      </td>
      <td class="manage">
        <button type="button" class="button" aria-label={words.changeThat(user.name)} onClick={open}>
          {words.change}
        </button>
      </td>
    </tr>
  );
}

function State({ user }: { readonly user: User }) {
  const { states, keys, byIssuer } = sayUsers();
  const also = [user.passkeys > 0 && keys(user.passkeys), user.at_issuer && byIssuer].filter(Boolean).join(", ");
  const look = user.disabled_at_ms !== null ? "closed" : user.must_change ? "trouble" : "good";
  const name = user.disabled_at_ms !== null ? states.disabled : user.must_change ? states.first : states.active;
  return (
    <>
      <span class={`state state--${look}`}>{name}</span> {also !== "" && <span class="manage__also">{also}</span>}
    </>
  );
}

/** The one moment at which the password can be read. */
function OnceDialog({ added: { user, password }, close }: { readonly added: Added; readonly close: () => void }) {
  const words = sayUsers().once;
  const [copied, setCopied] = useState(false);
  return (
    <Dialog label={words.title(user.name)} close={close}>
      <h2 class="dialog__title">{words.title(user.name)}</h2>
      <p>{words.note}</p>
      <p class="once">
        <code class="once__word" data-once>
          {password}
        </code>{" "}
        <button type="button" class="button" onClick={() => void navigator.clipboard.writeText(password).then(() => setCopied(true), () => setCopied(false))}>
          {words.copy}
        </button>{" "}
        <span role="status">{copied && words.copied}</span>
      </p>
      <div class="dialog__actions">
        <button type="button" class="button button--primary" onClick={close}>
          {words.done}
        </button>
      </div>
    </Dialog>
  );
}
