import { say } from "../frame/language.ts";
import { linkTo } from "../frame/route.ts";
import { sections } from "../frame/sections.ts";

export function Home() {
  return (
    <>
      <h1>{say("See, change and train every particle", "看见、改动并训练每一个粒子")}</h1>
      <p class="lead">
        {say(
          "A neural network is made of small ops, here called particles. Take each one in your hands: type numbers in, watch what comes out, and follow the gradient back.",
          "神经网络由许多小算子组成，这里称为“粒子”。把它们一个个拿在手里：输入数字，看输出，再顺着梯度往回走。",
        )}
      </p>
      <ul class="cards">
        {sections.map(({ path, title, invites }) => (
          <li key={path}>
            <a href={linkTo(path)}>
              <strong>{title()}</strong>
              <span>{invites()}</span>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}
