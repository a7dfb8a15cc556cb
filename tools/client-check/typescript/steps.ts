// What both stories share: steps that are told one by one, comparing, and the cars that they are about.
import { deepStrictEqual } from "node:assert";
import process from "node:process";

export const url = `${process.env["AUTOPASPOORT_URL"]}/v1`;
export const email = "balie@garage-devries.example";
export const password = "Welkom-bij-AutoPaspoort-2019";
export const same: (found: unknown, expected: unknown) => void = deepStrictEqual;

/** Does `work` and tells how it went; a failure makes the exit status 1, and what stands on it can't go on. */
export async function step<T>(title: string, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    console.log(`  ok      ${title}`);
    return result;
  } catch (error) {
    console.log(`  FAILED  ${title}\n${error instanceof Error ? error.stack : JSON.stringify(error)}`);
    process.exit(1);
  }
}

/** One line for each car, as an import takes them. */
export function lines(...cars: object[]): string {
  return cars.map((car) => JSON.stringify(car)).join("\n");
}

/** A car that is new to the garage, with a customer of this name. */
export function car(number: string, name: string) {
  return {
    licencePlate: { number, country: "DE" },
    make: "Volkswagen",
    model: "Kombi",
    year: 2013,
    fuel: "diesel" as const,
    customer: { kind: "person" as const, name, email: `${name.toLowerCase().replace(" ", "@")}.example` },
  };
}

/** What an app shows: the last case is for statuses that did not exist when it was written. */
export function shown({ status }: { status: string }): string {
  switch (status) {
    case "invited":
      return "not activated yet";
    case "active":
      return "in use";
    case "archived":
      return "archived";
    default:
      return status;
  }
}
