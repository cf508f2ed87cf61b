// Lines in the address: `#L12` and `#L12-L30` on a command's page, `#ID-L12` on the workbench.

const PLACE = /^#(?:(cmd_\w+)-)?L(\d+)(?:-L(\d+))?$/;

/** The command that the address names, if it does. */
export function wantedCommand() {
  return PLACE.exec(location.hash)?.[1] ?? "";
}

/** [first, last] line that the address wants of a command, or null. */
export function wantedLines(command) {
  const [, named, first, last] = PLACE.exec(location.hash) ?? [];
  if (!first || !command) return null;
  if (named ? named !== command : !ownPage(command)) return null;
  return [Number(first), Math.max(Number(first), Number(last ?? first))];
}

export function showInAddress(command, lines) {
  const place = lines ? hash(command, lines) : location.pathname + location.search;
  history.replaceState(history.state, "", place);
}

/** The address of lines for somebody else, on the command's own page. */
export function linkTo(command, [first, last]) {
  return `${location.origin}/commands/${command}/#L${first}${last > first ? `-L${last}` : ""}`;
}

function hash(command, [first, last]) {
  const range = `L${first}${last > first ? `-L${last}` : ""}`;
  return ownPage(command) ? `#${range}` : `#${command}-${range}`;
}

const ownPage = (command) => location.pathname === `/commands/${command}/`;
