import { say } from "../i18n/index.ts";
import { modemCalled } from "../model/centre.ts";
import { madeByCentre } from "../model/order.ts";
import type { Alarm, CentreState } from "../model/types.ts";
import { useConsole } from "./context.ts";
import { Centre, Sms, Wifi } from "./icons.tsx";

interface Way {
  readonly word: string;
  readonly meaning: string;
  readonly Icon: typeof Sms;
}

/** By which way an alarm came, in words; `centre` knows the operators of the modems. */
export function wayOf(alarm: Alarm, centre: CentreState | null): Way {
  const { ways } = say();
  if (madeByCentre(alarm) || alarm.path === "none") return { word: ways.centre, meaning: ways.centreMeaning, Icon: Centre };
  const modem = alarm.modem ?? null;
  const heardBy = modem === null ? null : modemCalled(modem, centre);
  if (alarm.path === "sms") return { word: ways.sms(heardBy), meaning: ways.smsMeaning, Icon: Sms };
  return plainWay(alarm.path);
}

/** A path of which no more is known than its name. */
export function plainWay(path: string): Way {
  const { ways } = say();
  if (path === "mqtt") return { word: ways.wifi, meaning: ways.wifiMeaning, Icon: Wifi };
  if (path === "sms") return { word: ways.sms(null), meaning: ways.smsMeaning, Icon: Sms };
  return { word: path.toUpperCase(), meaning: path, Icon: Wifi };
}

/** A chip for each way by which these alarms came, and for the other paths of the same presses. */
export function Ways({ alarms }: { readonly alarms: readonly Alarm[] }) {
  const { ways } = say();
  const centre = useConsole().centre.state.value;
  const main = new Map(alarms.map((alarm) => [wayOf(alarm, centre).word, wayOf(alarm, centre)]));
  const others = new Set(alarms.flatMap((alarm) => (alarm.also ?? []).filter((path) => path !== alarm.path)));
  return (
    <>
      {[...main.values()].map(({ word, meaning, Icon }) => (
        <span key={word} class="way" title={meaning}>
          <Icon class="way__icon" /> {word}
        </span>
      ))}
      {[...others].map((path) => (
        <span key={path} class="way way--also" title={ways.alsoMeaning}>
          {ways.also(plainWay(path).word)}
        </span>
      ))}
    </>
  );
}
