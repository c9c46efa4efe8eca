// The machine's drive, under the system as new clients look for it and under the BMC as old ones do (DSP0268,
// VirtualMedia): one drive at two places.
enum MediaResources {
    static let all: [String: Resource] = Dictionary(
        uniqueKeysWithValues: [
            ("v1/Systems/{system}/VirtualMedia", Privilege.configureComponents),
            ("v1/Managers/{manager}/VirtualMedia", .configureManager),
        ].flatMap { path, privilege in
            [
                (
                    path,
                    Resource.collection("VirtualMediaCollection", "Virtual Media Collection") { scope in
                        scope.service.media == nil ? [] : [VirtualMedia.drive]
                    }
                ),
                ("\(path)/{media}", drive(privilege)),
                ("\(path)/{media}/Actions/VirtualMedia.InsertMedia", insert(privilege)),
                ("\(path)/{media}/Actions/VirtualMedia.EjectMedia", eject(privilege)),
            ]
        }
    )

    private static func drive(_ privilege: Privilege) -> Resource {
        Resource(
            type: "VirtualMedia.v1_6_3.VirtualMedia",
            read: { scope throws(Failure) in
                _ = try store(scope)
                let media = scope.service.with(\.media)
                return [
                    "Name": "Virtual CD",
                    "MediaTypes": ["CD", "DVD"],
                    "Inserted": .bool(media.image != nil),
                    "Image": media.image.map { .string($0.address) } ?? .null,
                    "ImageName": media.image.map { .string($0.name) } ?? .null,
                    "UserName": media.image?.userName.map(JSON.string) ?? .null,
                    "Password": nil,
                    "ConnectedVia": media.image == nil ? "NotConnected" : "URI",
                    "WriteProtected": true,
                    "TransferMethod": media.image == nil ? .null : "Upload",
                    "TransferProtocolType": media.image.map { .string($0.transferProtocol) } ?? .null,
                    "VerifyCertificate": .bool(media.verifiesCertificate),
                    "Status": ["State": "Enabled", "Health": "OK"],
                    "Actions": [
                        "#VirtualMedia.InsertMedia": [
                            "target": .string("\(scope.path)/Actions/VirtualMedia.InsertMedia"),
                            "TransferProtocolType@Redfish.AllowableValues": ["HTTP", "HTTPS"],
                        ],
                        "#VirtualMedia.EjectMedia": [
                            "target": .string("\(scope.path)/Actions/VirtualMedia.EjectMedia")
                        ],
                    ],
                ]
            },
            patch: Resource.Patch(
                privilege: privilege,
                writable: { _ in ["VerifyCertificate": .bool] },
                apply: { scope, changes in
                    if let verifies = changes["VerifyCertificate"]?.bool {
                        scope.service.with { $0.media.verifiesCertificate = verifies }
                    }
                }
            )
        )
    }

    private static func insert(_ privilege: Privilege) -> Resource {
        .action(
            privilege,
            { _ in
                [
                    "Image": .string, "UserName": .optional(.string), "Password": .optional(.string),
                    "Inserted": .bool, "WriteProtected": .bool,
                    "TransferMethod": .oneOf(["Upload", "Stream"]),
                    "TransferProtocolType": .oneOf(["HTTP", "HTTPS"]), "MediaType": .oneOf(["CD", "DVD"]),
                ]
            },
            required: ["Image"]
        ) { scope, parameters throws(Failure) in
            let store = try store(scope)
            let service = scope.service
            // What this drive cannot do is refused: it is read-only, and what is put in is in.
            for (name, only) in [("Inserted", true), ("WriteProtected", true)] {
                guard let value = parameters[name]?.bool, value != only else { continue }
                throw Failure(
                    400,
                    [Message(.actionParameterValueConflict, name, "\(value)", about: ["#/\(name)"])]
                )
            }
            let address = parameters["Image"]?.string ?? ""
            let order = try ImageOrder(
                address,
                transferProtocol: parameters["TransferProtocolType"]?.string,
                userName: parameters["UserName"]?.string,
                password: parameters["Password"]?.string,
                verifiesCertificate: service.with(\.media.verifiesCertificate)
            )
            try take(service, unless: { $0.image != nil })
            return try await service.begin("Insert \(order.name)", on: scope.path) {
                progress throws(Failure) in
                defer { service.with { $0.media.isChanging = false } }
                let image = try await store.insert(order, progress: progress)
                service.with { $0.media.image = image }
                return .done
            }
        }
    }

    private static func eject(_ privilege: Privilege) -> Resource {
        .action(privilege) { scope, _ throws(Failure) in
            let store = try store(scope)
            let service = scope.service
            try take(service)
            guard let image = service.with(\.media.image) else {
                service.with { $0.media.isChanging = false }
                return .noOperation
            }
            return try await service.begin("Eject \(image.name)", on: scope.path) { _ throws(Failure) in
                defer { service.with { $0.media.isChanging = false } }
                try await store.eject(image)
                service.with { $0.media.image = nil }
                return .done
            }
        }
    }

    /// One change of the drive at a time.
    private static func take(
        _ service: RedfishService,
        unless isInUse: (VirtualMedia) -> Bool = { _ in false }
    ) throws(Failure) {
        let isTaken = service.with { state in
            guard !state.media.isChanging, !isInUse(state.media) else { return false }
            state.media.isChanging = true
            return true
        }
        guard isTaken else { throw Failure(409, .resourceInUse) }
    }

    private static func store(_ scope: Scope) throws(Failure) -> MediaStore {
        guard let store = scope.service.media,
            scope.ids["media", default: VirtualMedia.drive] == VirtualMedia.drive
        else { throw scope.notFound }
        return store
    }
}
