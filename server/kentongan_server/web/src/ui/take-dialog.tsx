import { say, word } from "../i18n/index.ts";
import { isFree } from "../model/trouble-board.ts";
import { useConsole } from "./context.ts";
import { Dialog } from "./dialog.tsx";
import { placeWords } from "./trouble-words.ts";

/** Asks before somebody's trouble is taken from them. */
export function TakeDialog({ id }: { readonly id: number }) {
  const { desk, centre } = useConsole();
  const words = say().troubles;
  const trouble = desk.find(id);
  if (!trouble || trouble.closed_at_ms !== null || isFree(trouble) || desk.isMine(trouble)) return null;
  const owner = trouble.owner ?? "";
  const close = (): void => desk.close();
  return (
    <Dialog label={words.over.title(owner)} close={close}>
      <h2 class="dialog__title">{words.over.title(owner)}</h2>
      <p class="dialog__about">
        <strong>{word(words.kinds, trouble.kind)}</strong> · {placeWords(trouble, centre.state.value)}
      </p>
      <p>{words.over.ask(owner)}</p>
      <div class="dialog__actions">
        <button type="button" class="button" onClick={close}>
          {words.over.cancel}
        </button>
        <button type="button" class="button button--primary" onClick={() => void desk.takeOver(id)}>
          {words.over.submit}
        </button>
      </div>
    </Dialog>
  );
}
