// What both stories share: steps that are told one by one, and comparing.
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
