import { DICTIONARIES, language, LANGUAGES, say } from "../i18n/index.ts";
import { theme, THEMES, type Theme } from "../theme.ts";
import { Dim, HalfMoon, Moon, Sun } from "./icons.tsx";

const THEME_ICONS: Readonly<Record<Theme, typeof Sun>> = { system: HalfMoon, light: Sun, dark: Moon, dim: Dim };

export function LanguageSwitch() {
  return (
    <div class="segments" role="group" aria-label={say().nav.language}>
      {LANGUAGES.map((code) => (
        <button
          key={code}
          type="button"
          class="segments__one"
          lang={code}
          aria-pressed={language.value === code}
          aria-label={`${code.toUpperCase()}: ${DICTIONARIES[code].languageName}`}
          title={DICTIONARIES[code].languageName}
          onClick={() => (language.value = code)}
        >
          {code.toUpperCase()}
        </button>
      ))}
    </div>
  );
}

export function ThemeSwitch() {
  const { nav } = say();
  return (
    <div class="segments" role="group" aria-label={nav.theme}>
      {THEMES.map((code) => {
        const Icon = THEME_ICONS[code];
        return (
          <button
            key={code}
            type="button"
            class="segments__one"
            aria-pressed={theme.value === code}
            aria-label={nav.themes[code]}
            title={nav.themes[code]}
            onClick={() => (theme.value = code)}
          >
            <Icon />
          </button>
        );
      })}
    </div>
  );
}
