import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import { say } from "../i18n/index.ts";
import { asksReports, reads } from "../model/pages.ts";
import type { Session } from "../model/types.ts";
import { address, isDesk, page, PAGES } from "../state/route.ts";
import { CallsPage } from "./calls.tsx";
import { takesCalls } from "./calls-tab.tsx";
import { ClosedPage } from "./closed.tsx";
import { ActDialog } from "./act-dialog.tsx";
import { CloseDialog } from "./close-dialog.tsx";
import { useConsole } from "./context.ts";
import { DevicesPage } from "./devices.tsx";
import { DrillBand } from "./drill-band.tsx";
import { ShiftDoor } from "./hand-over-door.tsx";
import { Header } from "./header.tsx";
import { HelpDialog } from "./help-dialog.tsx";
import { listenToKeys } from "./keys.ts";
import { ManageDoor } from "./manage-door.tsx";
import { Announcements, NoticeList } from "./notices.tsx";
import { QueuePage } from "./queue.tsx";
import { RejectionsPage } from "./rejections.tsx";
import { ReportsDoor } from "./reports-door.tsx";
import { RingStrip } from "./ring-strip.tsx";
import { SessionBand } from "./session-band.tsx";
import { ShiftBand } from "./shift-band.tsx";
import { StatusBar } from "./status-bar.tsx";
import { TakeDialog } from "./take-dialog.tsx";
import { TroublesPage } from "./troubles.tsx";
import { UpgradeBand } from "./upgrade-band.tsx";
import { WallPage } from "./wall.tsx";

/** Everything after signing in: bars on top, one page below. */
export function Shell({ session }: { readonly session: Session }) {
  const console = useConsole();
  const [help, setHelp] = useState(false);
  useLayoutEffect(() => listenToKeys(console, () => setHelp(true)), [console]);
  useFirstPage(session);
  const wall = page.value === "wall";
  const closing = console.closing.value;
  const asking = console.desk.asking.value;
  const question = console.cases.asking.value;

  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={skipToMain}>
        {say().app.skip}
      </a>
      {!wall && <Header session={session} openHelp={() => setHelp(true)} />}
      <StatusBar />
      <DrillBand />
      <ShiftBand />
      <SessionBand session={session} />
      <UpgradeBand />
      {page.value !== "queue" && !wall && <RingStrip />}
      <main id="main" class="main" tabIndex={-1}>
        <CurrentPage session={session} />
      </main>
      <NoticeList />
      <Announcements />
      {closing !== null && <CloseDialog key={closing} id={closing} />}
      {question !== null && <ActDialog key={`${question.act} ${question.incident} ${question.step ?? ""}`} question={question} />}
      {asking !== null && <TakeDialog key={asking} id={asking} />}
      {help && <HelpDialog close={() => setHelp(false)} />}
    </div>
  );
}

/** The desk opens on the queue; who has none is led to the first page that there is for the role. */
function useFirstPage(session: Session): void {
  const lost = page.value === "queue" && !reads(session, "queue");
  useEffect(() => {
    const first = PAGES.find((one) => reads(session, one));
    if (lost && first !== undefined) location.replace(address(first));
  }, [lost, session]);
}

function CurrentPage({ session }: { readonly session: Session }) {
  if (isDesk(page.value) ? !reads(session, page.value) : page.value === "calls" && !takesCalls(session)) {
    return <p class="page page__empty">{say().errors.forbidden}</p>;
  }
  switch (page.value) {
    case "queue":
      return <QueuePage />;
    case "calls":
      return <CallsPage />;
    case "hand-over":
    case "drills":
    case "replay":
      return <ShiftDoor target={page.value} session={session} />;
    case "closed":
      return <ClosedPage />;
    case "troubles":
      return <TroublesPage />;
    case "rejections":
      return <RejectionsPage />;
    case "devices":
      return <DevicesPage asks={asksReports(session)} />;
    case "reports":
      return <ReportsDoor />;
    case "wall":
      return <WallPage />;
    default:
      return <ManageDoor target={page.value} session={session} />;
  }
}

/** The address's fragment belongs to the pages, so the skip link moves the focus itself. */
function skipToMain(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}
