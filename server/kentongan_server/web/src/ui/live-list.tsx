import { say } from "../i18n/index.ts";
import { useConsole } from "./context.ts";

/** For lists that are read with the queue and kept true by the stream. */
export function LiveListState({ empty, size }: { readonly empty: string; readonly size: number }) {
  const { loaded, loadFault } = useConsole();
  const { list } = say();
  if (size > 0) return null;
  if (loaded.value) return <p class="page__empty">{empty}</p>;
  return <p class="page__empty">{loadFault.value === null ? list.loading : list.failed(loadFault.value)}</p>;
}
