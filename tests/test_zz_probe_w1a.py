import time
from tests.mall_kit import *


def test_probe(mall):
    t = time.monotonic()
    with mall.at("2026-11-24T09:59:20") as air:
        print("ready", time.monotonic() - t, air.now())
        with air.person("wanglan") as page:
            print("in", time.monotonic() - t, air.now())
            page.goto(f"{air.address}/programme")
            from playwright.sync_api import expect

            expect(page.locator("#programme")).to_have_attribute("data-ready", "true")
            print("programme", time.monotonic() - t, air.now())
        d = air.get("/rundown/2026-11-24")
        print([(s["at"][11:19], s["rule"]) for s in d["spots"]][:12])
        d = air.get("/rundown/2026-11-25")
        print([(s["at"][11:19], s["rule"], s["repeat"], s["duration_s"]) for s in d["spots"]][:12])
    print("end", time.monotonic() - t)
