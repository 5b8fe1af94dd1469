import { say } from "../i18n/index.ts";
import { useConsole } from "./context.ts";
import { Cross } from "./icons.tsx";

export function NoticeList() {
  const { notices } = useConsole();
  return (
    <div class="notices" role="status">
      {notices.shown.value.map((notice) => (
        <p key={notice.id} class={`notice notice--${notice.tone}`}>
          <span>{notice.text}</span>
          <button
            type="button"
            class="notice__close"
            aria-label={say().help.close}
            onClick={() => notices.drop(notice.id)}
          >
            <Cross />
          </button>
        </p>
      ))}
    </div>
  );
}

/** What a screen reader says: new alarms at once, the link's state when it has finished its sentence. */
export function Announcements() {
  const { notices, link } = useConsole();
  const words = say().link;
  const spoken = link.view.value === "stale" ? `${words.stale}. ${words.advice}` : link.heardAt.value ? words.live : "";
  return (
    <>
      <p class="unseen" aria-live="assertive" data-announce="alarm">
        {notices.urgent.value}
      </p>
      <p class="unseen" aria-live="polite" data-announce="link">
        {spoken}
      </p>
    </>
  );
}
