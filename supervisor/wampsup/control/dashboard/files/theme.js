// Light or dark: as the system has it, unless a person says otherwise here.

const KEY = "wampsup-theme";
const NEXT = { system: "light", light: "dark", dark: "system" };

function kept() {
  try {
    return localStorage.getItem(KEY) ?? "system";
  } catch {
    return "system"; // a browser may keep nothing
  }
}

function show(theme, button) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  button.textContent = `Theme: ${theme}`;
}

export function setUp(button) {
  let theme = kept() in NEXT ? kept() : "system";
  show(theme, button);
  button.addEventListener("click", () => {
    theme = NEXT[theme];
    show(theme, button);
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // then it is so for this visit
    }
  });
}
