// Start, stop and restart: asked twice, and told how it went.

import { byId, h, mark, write } from "./dom.js";
import { command } from "./wire.js";
import { isSo } from "./words.js";

const TIMEOUT = 30; // seconds until a component should be where it was sent
const SHOWN = 8000; // ms for which a result is seen

const VERBS = {
  start: {
    title: "Start",
    doing: "Starting",
    done: "has been started",
    text: "It is tried again at once, and its counts begin anew.",
  },
  stop: {
    title: "Stop",
    doing: "Stopping",
    done: "has been stopped",
    text: "It leaves its realm and stays stopped until a person starts it. What requires it leaves first, and waits.",
  },
  restart: {
    title: "Restart",
    doing: "Restarting",
    done: "has been restarted",
    text: "It leaves its realm and joins anew. What requires it is not disturbed.",
  },
};
const UP = new Set(["running", "connecting", "waiting"]);

/** Whether a command would change anything about a component. */
const useful = (verb, { state }) => (verb === "start" ? !UP.has(state) : verb === "stop" ? state !== "stopped" : true);

/** Buttons for a component, which `show` keeps to its state. One without a use keeps the focus, and does nothing. */
export class Commands {
  #buttons;
  #component = null;

  constructor() {
    this.#buttons = Object.keys(VERBS).map((verb) =>
      h("button", { type: "button", "data-verb": verb, click: () => this.#press(verb) }, VERBS[verb].title),
    );
    this.element = h("div", { class: "commands", role: "group", "aria-label": "Commands" }, ...this.#buttons);
    this.show(null);
  }

  /** `null`: there is no such component. */
  show(component) {
    this.#component = component;
    this.element.hidden = !component;
    if (!component) return;
    for (const button of this.#buttons)
      mark(button, "aria-disabled", useful(button.dataset.verb, component) ? null : "true");
  }

  async #press(verb) {
    const component = this.#component;
    if (!useful(verb, component) || !(await confirmed(verb, component.name))) return;
    const told = toast(`${VERBS[verb].doing} ${component.name}…`);
    told(await carryOut(verb, component.name));
  }
}

/** Ask whether it is meant. The browser keeps the focus inside, lets Escape cancel, and gives the focus back. */
function confirmed(verb, name) {
  const dialog = byId("dialog");
  write(byId("dialog-title"), `${VERBS[verb].title} ${name}?`);
  write(byId("dialog-text"), VERBS[verb].text);
  write(byId("dialog-confirm"), VERBS[verb].title);
  dialog.returnValue = "cancel";
  dialog.showModal();
  return new Promise((answered) => {
    dialog.addEventListener("close", () => answered(dialog.returnValue === "confirm"), { once: true });
  });
}

/** What became of it: whether it went well, and in words. */
async function carryOut(verb, name) {
  try {
    const { ok, state, error } = await command(verb, name, TIMEOUT);
    return ok ? [true, `${name} ${VERBS[verb].done}: ${state}`] : [false, `${name} ${isSo(state)}: ${error}`];
  } catch (error) {
    return [false, `Could not ${verb} ${name}: ${error.message}`];
  }
}

/** Say that something is on its way. The result is to be called with how it went; if well, that goes by itself. */
function toast(doing) {
  const text = h("span", {}, doing);
  const shown = h("p", { class: "toast" }, text);
  byId("toasts").append(shown);
  return ([good, told]) => {
    mark(shown, "data-good", good);
    write(text, told);
    shown.append(
      h("button", { type: "button", class: "quiet", "aria-label": "Dismiss", click: () => shown.remove() }, "×"),
    );
    if (good) setTimeout(() => shown.remove(), SHOWN);
  };
}
