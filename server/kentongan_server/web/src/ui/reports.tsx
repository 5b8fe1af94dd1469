import { useCallback, useState } from "preact/hooks";
import { date, dayBegins, length } from "../format/time.ts";
import { language, say, word } from "../i18n/index.ts";
import { sayReports } from "../i18n/reports.ts";
import { dayAfter, GROUPINGS, lastMonth, type By, type Crimes, type CrimeSeries, type Group, type Summary } from "../model/reports.ts";
import { now } from "../state/clock.ts";
import { useConsole } from "./context.ts";
import { ListPage, ListState, Table, useLoading } from "./page.tsx";
import { ColumnsPlot, TimesPlot } from "./report-plots.tsx";

interface Asked {
  readonly first: string;
  readonly last: string;
  readonly by: By;
}

const SHOWN_MONTHS = 24;
const siteDay = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Jakarta", dateStyle: "short" });

function query({ first, last, by }: Asked): string {
  return new URLSearchParams({ from: first, to: dayAfter(last), by }).toString();
}

/** Response times, false alarms and crimes of a period, with the same as files. */
export function ReportsPage() {
  const console = useConsole();
  const [asked, setAsked] = useState<Asked>(() => ({ ...lastMonth(siteDay.format(now.peek())), by: "site" }));
  const [found, setFound] = useState<FoundProps | null>(null);
  const load = useCallback(
    async (counts: () => boolean) => {
      setFound(null);
      const summary = await console.api.report<Summary>(`summary?${query(asked)}`);
      if (!counts()) return;
      const crimes = await console.api.report<Crimes>("crimes");
      if (counts()) setFound({ asked, summary, crimes });
    },
    [console, asked],
  );
  const loading = useLoading(load);
  const words = sayReports();
  return (
    <ListPage heading={words.heading} advice={words.advice}>
      <Form asked={asked} ask={setAsked} />
      <ListState loading={loading} empty={say().list.loading} size={found ? 1 : 0} />
      {found && <Found {...found} />}
    </ListPage>
  );
}

function Form({ asked, ask }: { readonly asked: Asked; readonly ask: (asked: Asked) => void }) {
  const words = sayReports();
  const [draft, setDraft] = useState(asked);
  const lang = language.value;
  return (
    <form
      class="report-form"
      onSubmit={(event) => {
        event.preventDefault();
        ask({ ...draft });
      }}
    >
      <label class="report-form__field">
        {words.first}
        <input type="date" required value={draft.first} max={draft.last} onInput={(event) => setDraft({ ...draft, first: event.currentTarget.value })} />
      </label>
      <label class="report-form__field">
        {words.last}
        <input type="date" required value={draft.last} min={draft.first} onInput={(event) => setDraft({ ...draft, last: event.currentTarget.value })} />
      </label>
      <label class="report-form__field">
        {words.by}
        <select value={draft.by} onChange={(event) => setDraft({ ...draft, by: event.currentTarget.value as By })}>
          {GROUPINGS.map((by) => (
            <option key={by} value={by}>
              {words.groupings[by]}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" class="button">
        {words.show}
      </button>
      <nav class="report-form__files" aria-label={words.download}>
        <a href={`/api/reports/summary.pdf?${query(asked)}&lang=${lang}`}>{words.pdf}</a>
        <a href={`/api/reports/summary.csv?${query(asked)}`}>{words.csv}</a>
        <a href="/api/reports/crimes.csv">{words.crimesCsv}</a>
      </nav>
    </form>
  );
}

interface FoundProps {
  readonly asked: Asked;
  readonly summary: Summary;
  readonly crimes: Crimes;
}

function Found({ asked, summary, crimes }: FoundProps) {
  const { locale } = say();
  const words = sayReports();
  const { columns } = words;
  const names = [columns.cases, columns.answered50, columns.answered90, columns.scene90, columns.judged, columns.rate, columns.causes];
  const grouping = words.groupings[summary.by] ?? summary.by;
  return (
    <div class="report">
      <h2 class="page__subtitle" data-period={`${asked.first} ${asked.last}`}>
        {words.period(date(dayBegins(asked.first), locale), date(dayBegins(asked.last), locale))}
      </h2>
      {summary.whole.cases === 0 && <p class="page__empty">{words.nothing}</p>}
      <h2 class="page__subtitle">{words.times}</h2>
      <TimesPlot group={summary.whole} />
      <p class="page__advice">{words.timesNote}</p>
      {summary.by === "hour" && <ColumnsPlot label={words.cases} columns={summary.groups.map((one) => ({ label: one.key, value: one.cases }))} />}
      <h2 class="page__subtitle">{grouping}</h2>
      <Table label={grouping} columns={[grouping, ...names]}>
        {summary.groups.map((group) => (
          <GroupRow key={group.key} by={summary.by} group={group} />
        ))}
      </Table>
      <h2 class="page__subtitle">{words.crimes}</h2>
      <City crimes={crimes} />
      <h3 class="page__subtitle">{words.centre}</h3>
      {crimes.centre.months.length > 0 ? <Series label={words.centre} series={crimes.centre} /> : <p>{words.noCentre}</p>}
      <Limits summary={summary} />
    </div>
  );
}

function GroupRow({ by, group }: { readonly by: By; readonly group: Group }) {
  const { cases, locale, time } = say();
  const spoken = (ms: number | undefined): string => (ms === undefined ? "–" : length(ms, locale, time.days));
  const judged = group.real + group.false + group.no_one_found;
  const named = by === "category" ? word(cases.categories, group.key) : (group.name ?? group.key);
  const causes = group.false_causes.map(({ cause, count }) => `${word(cases.causes, cause)} ${count}`).join(", ");
  return (
    <tr>
      <th scope="row">
        <bdi class="report__name">{named || sayReports().none}</bdi>
      </th>
      <td class="report__number">{group.cases.toLocaleString(locale)}</td>
      <td class="report__number">{spoken(group.times["acknowledged"]?.p50_ms)}</td>
      <td class="report__number">{spoken(group.times["acknowledged"]?.p90_ms)}</td>
      <td class="report__number">{spoken(group.times["on-scene"]?.p90_ms)}</td>
      <td class="report__number">
        {group.false} / {judged}
      </td>
      <td class="report__number">{share(group.false_rate, locale)}</td>
      <td>{causes}</td>
    </tr>
  );
}

function City({ crimes: { city } }: { readonly crimes: Crimes }) {
  const words = sayReports();
  const { locale } = say();
  return (
    <>
      <h3 class="page__subtitle">{words.city}</h3>
      {city.sources.length === 0 && <p>{words.noCity}</p>}
      <ul>
        {city.years.map((one) => (
          <li key={one.year}>{words.year(one.year, one.count.toLocaleString(locale), change(one.percent, locale))}</li>
        ))}
      </ul>
      {city.months.length > 0 && <Series label={words.city} series={city} />}
      {city.sources.length > 0 && <p class="page__advice">{words.source(city.sources.join(", "))}</p>}
    </>
  );
}

function Series({ label, series: { months, trend } }: { readonly label: string; readonly series: CrimeSeries }) {
  const words = sayReports();
  const { locale } = say();
  const shown = months.slice(-SHOWN_MONTHS).map((one) => ({ label: one.month, value: one.count }));
  const known = trend.sum !== null && trend.before !== null;
  return (
    <>
      <ColumnsPlot label={label} columns={shown} />
      <p>
        {known
          ? words.trend(trend.through ?? "", trend.sum.toLocaleString(locale), trend.before.toLocaleString(locale), change(trend.percent, locale))
          : words.noTrend(trend.missing)}
      </p>
    </>
  );
}

function Limits({ summary }: { readonly summary: Summary }) {
  const words = sayReports();
  const { whole, head } = summary;
  const reasons = Object.entries(summary.left_out).map(([why, count]) => `${word(words.left, why)} ${count}`);
  return (
    <>
      <h2 class="page__subtitle">{words.limits}</h2>
      <ul class="rules">
        <li>{reasons.length > 0 ? words.leftOut(reasons.join(", ")) : words.leftNone}</li>
        {whole.apart > 0 && <li>{words.apart(whole.apart, whole.late, whole.time_suspect)}</li>}
        {whole.from_arrival > 0 && <li>{words.fromArrival(whole.from_arrival)}</li>}
        {whole.backwards > 0 && <li>{words.backwards(whole.backwards)}</li>}
        {whole.open > 0 && <li>{words.open(whole.open)}</li>}
        <li class="report__head">{words.head(head.position.toLocaleString(say().locale), head.hash)}</li>
      </ul>
    </>
  );
}

function share(rate: number | null, locale: string): string {
  return rate === null ? "–" : rate.toLocaleString(locale, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

function change(percent: number | null, locale: string): string {
  if (percent === null) return "";
  return (percent / 100).toLocaleString(locale, { style: "percent", signDisplay: "exceptZero", maximumFractionDigits: 1 });
}
