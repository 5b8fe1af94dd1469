import { say } from "../i18n/index.ts";

/** What is unusual about an alarm, as words. */
export function Flags({ flags }: { readonly flags: readonly string[] }) {
  const words = say().flags;
  return (
    <>
      {flags.map((flag) => (
        <span key={flag} class="flag" title={words[flag]?.meaning}>
          {words[flag]?.word ?? flag}
        </span>
      ))}
    </>
  );
}
