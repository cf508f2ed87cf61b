// Reactions that leave no trace in a page: told through a binding that the page does not see.
((name) => {
  const tell = globalThis[name];
  delete globalThis[name];
  if (!tell) return;
  const wrap = (owner, method, words) => {
    const own = owner?.[method];
    if (typeof own !== "function") return;
    owner[method] = new Proxy(own, {
      apply(target, self, given) {
        tell(words);
        return Reflect.apply(target, self, given);
      },
    });
  };
  wrap(globalThis.Clipboard?.prototype, "writeText", "copied");
  wrap(globalThis.Clipboard?.prototype, "write", "copied");
  wrap(globalThis.Document?.prototype, "execCommand", "copied");
  wrap(globalThis.HTMLMediaElement?.prototype, "play", "played");
  wrap(globalThis.AudioContext?.prototype, "createOscillator", "played");
  wrap(globalThis.AudioContext?.prototype, "createBufferSource", "played");
  wrap(globalThis.SpeechSynthesis?.prototype, "speak", "spoke");
  wrap(globalThis.Element?.prototype, "requestFullscreen", "full screen");
  wrap(globalThis.Navigator?.prototype, "share", "shared");
  wrap(globalThis.Navigator?.prototype, "vibrate", "vibrated");
  wrap(globalThis.Geolocation?.prototype, "getCurrentPosition", "asked for the place");
  wrap(globalThis.MediaDevices?.prototype, "getUserMedia", "asked for the camera");
  wrap(globalThis, "print", "printed");
})
