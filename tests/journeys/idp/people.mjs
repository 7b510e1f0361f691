// Whom both providers know. `POST /people` with {"name", "groups"} changes the groups of one, as an admin there would.
export const people = {
    ada: { name: "Ada Example", groups: ["platform"] },
    grace: { name: "Grace Example", groups: ["games"] },
    nobody: { name: "No Groups", groups: [] },
};

export async function read(request) {
    let body = "";
    for await (const part of request) body += part;
    return body;
}

export async function changed(request, response) {
    if (request.method !== "POST" || request.url !== "/people") return false;
    const { name, groups } = JSON.parse(await read(request));
    people[name].groups = groups;
    response.end("changed");
    return true;
}
