// The chunk of the pages for looking after the centre.

import type { ComponentType } from "preact";
import type { ManagePage } from "../state/route.ts";
import { AccountPage } from "./account.tsx";
import { AgenciesPage, CityPlansPage } from "./sites-city.tsx";
import { SitesPage } from "./sites.tsx";
import { UsersPage } from "./users.tsx";

export const PAGES_OF: Readonly<Record<ManagePage, ComponentType<{ readonly edits: boolean }>>> = {
  account: AccountPage,
  users: UsersPage,
  sites: SitesPage,
  plans: CityPlansPage,
  agencies: AgenciesPage,
};
