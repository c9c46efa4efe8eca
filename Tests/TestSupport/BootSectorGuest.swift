import Foundation

/// The smallest guest that can be talked to: one boot sector, up as soon as the firmware is.
///
/// It greets on the serial port, echoes what it is sent there, says `K` and the letter for each key pressed, resets the
/// machine at `!`, powers it off at `.` and when the power button is pressed. It halts between timer ticks.
package enum BootSectorGuest {
    /// A disk that greets so, 1 MiB.
    package static func disk(greeting: String) -> Data {
        var sector = Data(code + greeting.utf8 + [0])
        sector.append(Data(count: 510 - sector.count))
        sector.append(contentsOf: [0x55, 0xAA])
        sector.append(Data(count: (1 << 20) - sector.count))
        return sector
    }

    /// 16-bit code at 0x7C00, followed by the greeting at 0x7C77.
    private static let code: [UInt8] = [
        0x31, 0xC0,  // 00 xor ax, ax
        0x8E, 0xD8,  // 02 mov ds, ax
        0x8E, 0xD0,  // 04 mov ss, ax
        0xBC, 0x00, 0x7C,  // 06 mov sp, 0x7C00
        0xFC,  // 09 cld
        0xEA, 0x0F, 0x7C, 0x00, 0x00,  // 0A jmp 0:0x7C0F
        0xBA, 0x02, 0x06,  // 0F mov dx, 0x602: PM1a_EN, ACPI 6.5 §4.8.4.1
        0xB8, 0x00, 0x01,  // 12 mov ax, PWRBTN_EN
        0xEF,  // 15 out dx, ax
        0xBE, 0x77, 0x7C,  // 16 mov si, greeting
        0xAC,  // 19 lodsb
        0x84, 0xC0,  // 1A test al, al
        0x74, 0x05,  // 1C jz 0x23
        0xE8, 0x47, 0x00,  // 1E call put
        0xEB, 0xF6,  // 21 jmp 0x19
        0xFB,  // 23 sti: the loop
        0xF4,  // 24 hlt, until the next timer tick
        0xBA, 0x00, 0x06,  // 25 mov dx, 0x600: PM1a_STS
        0xED,  // 28 in ax, dx
        0xF6, 0xC4, 0x01,  // 29 test ah, PWRBTN_STS >> 8
        0x75, 0x32,  // 2C jnz off
        0xB4, 0x01,  // 2E mov ah, 1: a key?
        0xCD, 0x16,  // 30 int 0x16
        0x74, 0x0E,  // 32 jz 0x42
        0xB4, 0x00,  // 34 mov ah, 0: which?
        0xCD, 0x16,  // 36 int 0x16
        0x50,  // 38 push ax
        0xB0, 0x4B,  // 39 mov al, 'K'
        0xE8, 0x2A, 0x00,  // 3B call put
        0x58,  // 3E pop ax
        0xE8, 0x26, 0x00,  // 3F call put
        0xBA, 0xFD, 0x03,  // 42 mov dx, 0x3FD: the serial port's line status
        0xEC,  // 45 in al, dx
        0xA8, 0x01,  // 46 test al, received
        0x74, 0xD9,  // 48 jz 0x23
        0xBA, 0xF8, 0x03,  // 4A mov dx, 0x3F8
        0xEC,  // 4D in al, dx
        0x3C, 0x21,  // 4E cmp al, '!'
        0x74, 0x09,  // 50 je reset
        0x3C, 0x2E,  // 52 cmp al, '.'
        0x74, 0x0A,  // 54 je off
        0xE8, 0x0F, 0x00,  // 56 call put
        0xEB, 0xE7,  // 59 jmp 0x42
        0xB0, 0xFE,  // 5B reset: mov al, 0xFE
        0xE6, 0x64,  // 5D out 0x64, al: the keyboard controller's reset line
        0xF4,  // 5F hlt
        0xBA, 0x04, 0x06,  // 60 off: mov dx, 0x604: PM1a_CNT
        0xB8, 0x00, 0x20,  // 63 mov ax, SLP_EN, sleep type 0, which is S5 here
        0xEF,  // 66 out dx, ax
        0xF4,  // 67 hlt
        0x50,  // 68 put: push ax
        0xBA, 0xFD, 0x03,  // 69 mov dx, 0x3FD
        0xEC,  // 6C in al, dx
        0xA8, 0x20,  // 6D test al, transmitter empty
        0x74, 0xF8,  // 6F jz 0x69
        0x58,  // 71 pop ax
        0xBA, 0xF8, 0x03,  // 72 mov dx, 0x3F8
        0xEE,  // 75 out dx, al
        0xC3,  // 76 ret
    ]
}
