import type { ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Home } from "../home/Home.tsx";
import { Failure } from "./Failure.tsx";
import { currentLanguage, keepLanguage, type Language, readLanguage, say, setLanguage } from "./language.ts";
import { linkTo, noteState, type Route, useRoute } from "./route.ts";
import { type Section, sections } from "./sections.ts";
import { readTheme, setTheme, type Theme } from "./theme.ts";

export function App() {
  const route = useRoute();
  const [language, choose] = useState<Language>(readLanguage);
  setLanguage(language);
  useEffect(() => choose(readLanguage()), [route]);
  const section = sections.find(({ path }) => path === route.path[0]);
  const place = route.path.join("/");
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    document.title = [section?.title(), "quarkgrad"].filter(Boolean).join(" · ");
    if (!first.current) {
      main.current?.focus();
      scrollTo(0, 0);
    }
    first.current = false;
  }, [place]);
  const switchLanguage = () => {
    const next = currentLanguage() === "en" ? "zh" : "en";
    keepLanguage(next);
    noteState({ lang: next });
    choose(next);
  };
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        {say("Skip to the content", "跳到正文")}
      </button>
      <header>
        <a class="brand" href={linkTo("")}>
          <img src="./icon.svg" alt="" width={24} height={24} />
          quarkgrad
        </a>
        <nav aria-label={say("Parts of the laboratory", "实验室各部分")}>
          {sections.map(({ path, title }) => (
            <a key={path} href={linkTo(path)} aria-current={path === section?.path ? "page" : undefined}>
              {title()}
            </a>
          ))}
        </nav>
        <div class="choices">
          <button type="button" onClick={switchLanguage} lang={language === "en" ? "zh-Hans" : "en"}>
            {language === "en" ? "中文" : "English"}
          </button>
          <ThemeChoice />
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1} key={language}>
        {section ? <Loaded key={section.path} section={section} route={route} /> : <Home />}
      </main>
      <footer>
        <p>
          {say(
            "Everything is computed here, in your browser, by the kernels that the package ships. Nothing is sent anywhere.",
            "一切都在你的浏览器里，由随包发布的内核计算，不向任何地方发送数据。",
          )}
        </p>
      </footer>
    </>
  );
}

function Loaded({ section, route }: { readonly section: Section; readonly route: Route }) {
  const [Page, setPage] = useState<ComponentType<{ readonly route: Route }>>();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    section.load().then((page) => setPage(() => page), setError);
  }, [section]);
  if (error) return <Failure error={error} />;
  return Page ? <Page route={route} /> : <p class="soft">{say("Loading…", "正在加载…")}</p>;
}

function ThemeChoice() {
  const [theme, choose] = useState<Theme>(readTheme);
  useEffect(() => setTheme(theme), [theme]);
  return (
    <label class="theme">
      <span class="hidden">{say("Colours", "配色")}</span>
      <select value={theme} onChange={(event) => choose(event.currentTarget.value as Theme)}>
        <option value="auto">{say("Auto", "自动")}</option>
        <option value="light">{say("Light", "浅色")}</option>
        <option value="dark">{say("Dark", "深色")}</option>
      </select>
    </label>
  );
}
