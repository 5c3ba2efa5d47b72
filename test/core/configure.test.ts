import * as assert from "uvu/assert";
import { configure, settings } from "../../src/core/configure.ts";
import { QuarkError } from "../../src/errors.ts";
import { suite } from "../helpers/suite.ts";

suite("configure", (test) => {
  test("changes what it names", () => {
    assert.is(settings().winograd, true);
    configure({});
    assert.is(settings().winograd, true);
    configure({ winograd: false });
    assert.is(settings().winograd, false);
    configure({ winograd: true });
    assert.is(settings().winograd, true);
  });

  test("refuses what it does not know", () => {
    const fails = (changes: object, message: string) => {
      try {
        configure(changes);
      } catch (error) {
        assert.instance(error, QuarkError);
        assert.is((error as Error).message, message);
        return;
      }
      assert.unreachable("nothing was thrown");
    };
    fails({ winogard: false }, 'configure: there is no setting "winogard"; there are "winograd"');
    fails({ winograd: 0 }, "configure: winograd must be true or false, got 0; give a boolean");
    assert.is(settings().winograd, true);
  });
});
