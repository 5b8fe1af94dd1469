import { useConsole } from "./context.ts";
import { Login } from "./login.tsx";
import { Shell } from "./shell.tsx";
import { Starting } from "./starting.tsx";

export function App() {
  const session = useConsole().session.value;
  if (session === "asking") return <Starting />;
  if (session === "out" || session === "expired") return <Login expired={session === "expired"} />;
  return <Shell session={session} />;
}
