import { render } from "preact";
import { App } from "./frame/App.tsx";
import "./frame/style.css";

render(<App />, document.getElementById("app")!);

if (import.meta.env.PROD && "serviceWorker" in navigator) {
  // Where a browser allows none, the site works as long as there is a network.
  navigator.serviceWorker.register("./offline.js").catch(() => undefined);
}
