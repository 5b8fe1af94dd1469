import { MustChange } from "./account-first.tsx";
import { useConsole } from "./context.ts";
import { Login } from "./login.tsx";
import { Shell } from "./shell.tsx";
import { Starting } from "./starting.tsx";

export function App() {
  const session = useConsole().session.value;
  if (session === "asking") return <Starting />;
  if (session === "out" || session === "expired") return <Login expired={session === "expired"} />;
  if (session.must_change) return <MustChange session={session} />;
  return <Shell session={session} />;
}
