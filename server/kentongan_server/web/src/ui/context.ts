import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Console } from "../state/console.ts";

export const ConsoleContext = createContext<Console | null>(null);

/** The console that this tree of components shows. */
export function useConsole(): Console {
  const console = useContext(ConsoleContext);
  if (!console) throw new Error("expected a ConsoleContext around this component, found none");
  return console;
}
