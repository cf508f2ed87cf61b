// A part of what sandboxes/preview/injection puts into pages, all within one function: what the app
// wants to use that a frame must be given first.

// What a browser gives to a page in a frame only if who has the frame says so.
const devices = window.MediaDevices && MediaDevices.prototype;
const asks = [
  [devices, "getDisplayMedia", () => "display-capture"],
  [window.Geolocation && Geolocation.prototype, "getCurrentPosition", () => "geolocation"],
  [window.Geolocation && Geolocation.prototype, "watchPosition", () => "geolocation"],
  [Element.prototype, "requestPointerLock", () => "pointer-lock"],
  [window.ScreenOrientation && ScreenOrientation.prototype, "lock", () => "orientation-lock"],
  [window.Clipboard && Clipboard.prototype, "read", () => "clipboard-read"],
  [window.Clipboard && Clipboard.prototype, "readText", () => "clipboard-read"],
  [window.Navigator && Navigator.prototype, "requestMIDIAccess", () => "midi"],
];
for (const [owner, name, feature] of asks) {
  const original = owner?.[name];
  if (typeof original !== "function") continue;
  owner[name] = {
    [name](...given) {
      tell({ feature: feature() });
      return original.apply(this, given);
    },
  }[name];
}
if (devices?.getUserMedia) {
  const { getUserMedia } = devices;
  devices.getUserMedia = function (wanted, ...given) {
    quietly(() => {
      if (wanted?.video) tell({ feature: "camera" });
      if (wanted?.audio) tell({ feature: "microphone" });
    });
    return getUserMedia.call(this, wanted, ...given);
  };
}
const media = window.HTMLMediaElement && HTMLMediaElement.prototype;
if (media) {
  const { play } = media;
  media.play = {
    play() {
      const playing = play.apply(this);
      if (playing) {
        playing.then(
          undefined,
          (fault) => fault && fault.name === "NotAllowedError" && tell({ feature: "autoplay" }),
        );
      }
      return playing;
    },
  }.play;
}
