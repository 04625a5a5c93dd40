// The live connection to the server, and the page's parts.

import { startEstimator } from "./estimator.js";
import { showRuns } from "./runs.js";

const connection = document.getElementById("connection");
let runs;

/** Changed only when there is something new to say: screen readers read it aloud. */
function say(text, isLost) {
  if (connection.textContent !== text) connection.textContent = text;
  document.body.classList.toggle("lost", isLost);
}

function listen(pause = 1) {
  const source = new EventSource("api/v1/events");
  source.addEventListener("open", () => { pause = 1; });
  source.addEventListener("runs", (event) => {
    say("Live", false);
    runs = JSON.parse(event.data).runs;
    showRuns(runs);
  });
  source.addEventListener("error", () => {
    say(`Connection lost at ${new Date().toLocaleTimeString("en-GB")}; trying again`, true);
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(() => listen(Math.min(2 * pause, 30)), 1000 * pause);
  });
}

startEstimator();
listen();
// So that a coordinator's silence shows, too.
setInterval(() => runs && showRuns(runs), 5000);
