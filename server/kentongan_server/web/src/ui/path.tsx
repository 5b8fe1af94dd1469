import type { ComponentChildren } from "preact";
import { length, moment } from "../format/time.ts";
import { say } from "../i18n/index.ts";
import { modemCalled } from "../model/centre.ts";
import type { Alarm } from "../model/types.ts";
import { today } from "../state/clock.ts";
import { useConsole } from "./context.ts";
import { Button, Centre, Gateway, Sms } from "./icons.tsx";
import { wayOf } from "./ways.tsx";

/** How the newest alarm came here: button, gateway, centre, each with the time it had it. */
export function Path({ alarm }: { readonly alarm: Alarm }) {
  const { incident: words, time, locale } = say();
  const pressed = alarm.pressed_at_ms;
  const held = alarm.held_ms ?? null;
  const atGateway = held === null ? null : alarm.received_at_ms - held;
  const show = (ms: number | null): string => (ms === null ? words.timeUnknown : moment(ms, today.value, locale));
  const centre = useConsole().centre.state.value;
  const bySms = alarm.path === "sms";
  const travel = pressed === null ? null : alarm.received_at_ms - pressed;
  return (
    <section class="block">
      <h3 class="block__title">{words.path}</h3>
      <ol class="path">
        <Hop icon={<Button />} name={words.pathButton} who={alarm.device ?? ""} when={show(pressed)} note={certainty(alarm)} />
        {alarm.gateway !== null && (
          <Hop
            icon={<Gateway />}
            name={words.pathGateway}
            who={alarm.gateway}
            when={show(atGateway)}
            note={held === null ? null : words.held(length(held, locale, time.days))}
          />
        )}
        {bySms && <Hop icon={<Sms />} name="SMS" who={modemCalled(alarm.modem ?? "", centre)} when="" note={say().ways.smsMeaning} />}
        <Hop
          icon={<Centre />}
          name={words.pathCentre}
          who={bySms ? "" : wayOf(alarm, centre).word}
          when={show(alarm.received_at_ms)}
          note={travel === null ? null : words.travelled(length(travel, locale, time.days))}
        />
      </ol>
    </section>
  );
}

interface HopProps {
  readonly icon: ComponentChildren;
  readonly name: string;
  readonly who: string;
  readonly when: string;
  readonly note: string | null;
}

function Hop({ icon, name, who, when, note }: HopProps) {
  return (
    <li class="path__hop">
      <span class="path__icon">{icon}</span>
      <span class="path__name">{name}</span>
      {who !== "" && <code class="code">{who}</code>}
      {when !== "" && <span class="path__when">{when}</span>}
      <span class="path__note">{note}</span>
    </li>
  );
}

/** How well the moment of the press is known, in words. */
export function certainty(alarm: Alarm): string {
  return say().incident[alarm.pressed_at] ?? alarm.pressed_at;
}
