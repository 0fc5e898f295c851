/* Notices that the page slept, or that the device is in another network: connections may be dead without a sign. */

const TICK_MS = 5_000;
const SLEPT_MS = 30_000;

/**
 * Calls `onWake()` after a sleep, in a restored page and in another network, `onOffline()` without one, and
 * `onShown()` when the page comes to the front; the returned function ends it.
 */
export function watch({ onWake, onOffline, onShown }) {
  let last = Date.now();
  const tick = setInterval(() => {
    const slept = Date.now() - last > TICK_MS + SLEPT_MS;
    last = Date.now();
    if (slept) onWake();
  }, TICK_MS);
  const network = navigator.connection;
  let kind = network?.type;
  const listeners = [
    [window, "online", onWake],
    [window, "offline", onOffline],
    [window, "pageshow", ({ persisted }) => persisted && onWake()],
    [document, "visibilitychange", () => document.hidden || onShown()],
    // The event also comes for each new estimate of the speed.
    [network, "change", () => network.type !== kind && ([kind] = [network.type], onWake())],
  ].filter(([target]) => target);
  for (const [target, name, listener] of listeners) target.addEventListener(name, listener);
  return () => {
    clearInterval(tick);
    for (const [target, name, listener] of listeners) target.removeEventListener(name, listener);
  };
}
