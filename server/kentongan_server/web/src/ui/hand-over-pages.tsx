// The chunk of the pages of a shift.

import { DrillsPage } from "./drills.tsx";
import { HandOverPage } from "./hand-over.tsx";
import { ReplayPage } from "./replay.tsx";

export const PAGES_OF = { "hand-over": HandOverPage, drills: DrillsPage, replay: ReplayPage };
