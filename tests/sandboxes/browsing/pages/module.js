export const counter = (place) => {
  let count = 0;
  const button = Object.assign(document.createElement("button"), { textContent: "Count" });
  const shown = Object.assign(document.createElement("p"), { textContent: "0" });
  button.onclick = () => { shown.textContent = String(++count); };
  place.append(shown, button);
};
