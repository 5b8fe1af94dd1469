import { say } from "../i18n/index.ts";
import { Kentongan } from "./icons.tsx";

export function Wordmark() {
  return (
    <span class="wordmark">
      <Kentongan class="wordmark__drum" />
      <span class="wordmark__name">{say().app.name}</span>
    </span>
  );
}
