import { useState } from "preact/hooks";
import { say } from "../frame/language.ts";
import { linkTo } from "../frame/route.ts";
import { families } from "./particles.ts";
import { familyName, summaryOf } from "./words.ts";

export function OpList() {
  const [wanted, setWanted] = useState("");
  const has = (text: string) => text.toLowerCase().includes(wanted.trim().toLowerCase());
  return (
    <>
      <h1>{say("Particles", "算子")}</h1>
      <p class="lead">
        {say(
          "A particle is one op with its gradient. Open one, change its numbers, and see what it does. New to this? Begin with conv2d, relu and maxPool2d: the network on this site is made of them.",
          "一个粒子就是一个算子连同它的梯度。打开一个，改动数字，看它做什么。第一次来？先看 conv2d、relu 和 maxPool2d：本站的网络就由它们组成。",
        )}
      </p>
      <label class="search">
        {say("Find", "查找")}{" "}
        <input type="search" value={wanted} onInput={(event) => setWanted(event.currentTarget.value)} />
      </label>
      {[...families()].map(([family, members]) => {
        const found = members.filter(
          ({ name, summary = "" }) => has(name) || has(summary) || has(summaryOf(name, summary)),
        );
        if (found.length === 0) return null;
        return (
          <section key={family} aria-label={familyName(family)}>
            <h2>{familyName(family)}</h2>
            <ul class="ops">
              {found.map(({ name, summary = "" }) => (
                <li key={name}>
                  <a href={linkTo(`op/${name}`)}>
                    <code>{name}</code> <span>{summaryOf(name, summary)}</span>
                  </a>
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </>
  );
}
