import { say } from "../frame/language.ts";
import type { Route } from "../frame/route.ts";
import { OpList } from "./OpList.tsx";
import { OpPage } from "./OpPage.tsx";
import { particleOf } from "./particles.ts";

export function OpSection({ route }: { readonly route: Route }) {
  const name = route.path[1];
  if (name === undefined) return <OpList />;
  const particle = particleOf(name);
  if (particle) return <OpPage key={name} particle={particle} query={route.query} />;
  return (
    <>
      <h1>{say(`There is no particle ${name}`, `没有名为 ${name} 的粒子`)}</h1>
      <OpList />
    </>
  );
}
